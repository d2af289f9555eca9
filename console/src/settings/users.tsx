import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { fieldErrors, hasCode } from "~/api/client";
import type { Role, User } from "~/api/contract";
import { queries } from "~/api/queries";
import { shortAge } from "~/lib/time";
import { useNow } from "~/lib/use-now";
import { roleName } from "~/lib/words";
import { useMe } from "~/shell/use-me";
import { Avatar } from "~/ui/badges";
import { Dialog } from "~/ui/dialog";
import { SelectField, Switch, TextField } from "~/ui/field";
import { Section, TableFrame } from "~/ui/page";
import { QueryView } from "~/ui/query-view";
import { useSave } from "./use-save";

const ROLES = Object.entries(roleName) as [Role, string][];

function UserDialog({ user, onClose }: { user: User | null; onClose: () => void }) {
  const { me } = useMe();
  const [name, setName] = useState(user?.name ?? "");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>(user?.role ?? "operator");
  const [isDisabled, setDisabled] = useState(user?.disabled ?? false);
  const [resetTotp, setResetTotp] = useState(false);
  const save = useSave(["users"], user === null ? "Added." : "Saved.", onClose);
  const errors = fieldErrors(save.error);
  const isSelf = user !== null && user.id === me.id;
  return (
    <Dialog open onOpenChange={onClose} title={user === null ? "New user" : user.name}>
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(
            user === null
              ? { path: "/users", method: "POST", body: { name: name.trim(), password, role } }
              : { path: `/users/${user.id}`, method: "PATCH", body: { role, disabled: isDisabled, ...(password === "" ? {} : { password }), ...(resetTotp ? { reset_totp: true } : {}) } },
          );
        }}
      >
        {user === null && <TextField label="Name" required maxLength={100} autoComplete="off" value={name} error={hasCode(save.error, "name_taken") ? "Somebody has this name already." : errors.name} onChange={(event) => setName(event.target.value)} />}
        <SelectField label="Role" hint="Viewers read; operators answer; administrators also change settings and users." value={role} error={hasCode(save.error, "last_administrator") ? "The box needs at least one administrator." : undefined} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map(([value, text]) => (<option key={value} value={value}>{text}</option>))}
        </SelectField>
        <TextField label={user === null ? "Password" : "New password (empty: as it is)"} type="password" autoComplete="new-password" required={user === null} minLength={10} maxLength={200} value={password} error={errors.password} onChange={(event) => setPassword(event.target.value)} />
        {user !== null && (
          <>
            {user.totp && <Switch label="Take away the second factor" hint="When the phone is lost" checked={resetTotp} onChange={setResetTotp} />}
            <Switch label="Disabled" hint="Cannot sign in; open sessions end" checked={isDisabled} onChange={setDisabled} disabled={isSelf} />
          </>
        )}
        <div className="flex justify-end"><button type="submit" className="button button-primary" disabled={save.isPending}>{user === null ? "Add" : "Save"}</button></div>
      </form>
    </Dialog>
  );
}

export function UsersSection() {
  const query = useQuery(queries.users());
  const now = useNow();
  const [edited, setEdited] = useState<User | "new" | null>(null);
  return (
    <Section title="Users" actions={<button type="button" className="button button-primary" onClick={() => setEdited("new")}><Plus size={14} aria-hidden /> New user</button>}>
      <QueryView query={query} label="Loading users">
        {(users) => (
          <TableFrame label="Users">
            <table className="table">
              <thead><tr><th scope="col">Name</th><th scope="col">Role</th><th scope="col">Second factor</th><th scope="col">Last seen</th><th scope="col"><span className="sr-only">Actions</span></th></tr></thead>
              <tbody>
                {users.map((user) => (
                  <tr key={user.id}>
                    <td><span className="flex items-center gap-2 font-medium"><Avatar name={user.name} size="sm" /> {user.name} {user.disabled && <span className="badge">Disabled</span>}</span></td>
                    <td>{roleName[user.role]}</td>
                    <td>{user.totp ? "On" : <span className="text-amber">Off</span>}</td>
                    <td className="text-muted">{user.last_seen_at === null ? "never" : `${shortAge(user.last_seen_at, now)} ago`}</td>
                    <td className="py-1! text-end"><button type="button" className="button button-quiet" onClick={() => setEdited(user)}>Change<span className="sr-only"> {user.name}</span></button></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </TableFrame>
        )}
      </QueryView>
      {edited !== null && <UserDialog user={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </Section>
  );
}
