// Who is here.
import { createContext, useContext } from 'react';
import type { Session } from '../api-types';

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('a page is shown to nobody');
  return session;
}

/** An account with its name, where it has one. */
export function useAccountName(): (id: string) => string {
  const { accounts } = useSession();
  return id => {
    const name = accounts.find(account => account.id === id)?.name;
    return name ? `${name} (${id})` : id;
  };
}
