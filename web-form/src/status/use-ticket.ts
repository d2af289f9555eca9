/** The ticket on show, for the page. */
import { useCallback, useEffect, useReducer, useRef } from "react";
import { followTicket, type Following } from "./follow-ticket";
import { INITIAL_VIEW, reduce, type Action, type TicketView } from "./ticket-view";

export type LiveTicket = { view: TicketView; dispatch: (action: Action) => void; refresh: () => void };

export function useTicket(reference: string, token: string): LiveTicket {
  const [view, dispatch] = useReducer(reduce, INITIAL_VIEW);
  const following = useRef<Following>(null);
  useEffect(() => {
    const started = followTicket(reference, token, dispatch);
    following.current = started;
    return started.stop;
  }, [reference, token]);
  const refresh = useCallback(() => {
    following.current?.refresh();
  }, []);
  return { view, dispatch, refresh };
}
