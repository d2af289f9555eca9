import { KEY_HELP } from "~/keyboard/keys";
import { setPreferences, usePreferences } from "~/lib/preferences";
import { Kbd } from "~/ui/badges";
import { Dialog } from "~/ui/dialog";
import { Switch } from "~/ui/field";

export default function KeyHelpDialog({ onClose }: { onClose: () => void }) {
  const { singleKeys } = usePreferences();
  return (
    <Dialog open onOpenChange={(isOpen) => { if (!isOpen) onClose(); }} title="Keyboard" description="On a Mac, Cmd does what Ctrl does here." wide>
      <div className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
        {KEY_HELP.map(({ title, rows }) => (
          <section key={title}>
            <h3 className="eyebrow mb-1.5">{title}</h3>
            <dl>
              {rows.map(({ keys, text }) => (
                <div key={text} className="flex items-baseline justify-between gap-4 border-b border-line py-1.5 text-sm last:border-0">
                  <dt>{text}</dt>
                  <dd className="flex flex-none gap-1">
                    {keys.map((key) => (
                      <Kbd key={key}>{key}</Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <div className="mt-5 rounded-lg bg-sunken p-3">
        <Switch label="Single-letter keys" hint="Off: only keys with Ctrl, Enter and Escape do something." checked={singleKeys} onChange={(checked) => setPreferences({ singleKeys: checked })} />
      </div>
    </Dialog>
  );
}
