// Light or dark: as the system is, until somebody says otherwise.
import { applyMode, Mode } from '@cloudscape-design/global-styles';
import { useSyncExternalStore } from 'react';

const KEY = 'trailsight-theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export const isDark = () => (chosen() ?? (system.matches ? 'dark' : 'light')) === 'dark';

function apply() {
  applyMode(isDark() ? Mode.Dark : Mode.Light);
  document.documentElement.style.colorScheme = isDark() ? 'dark' : 'light';
  listeners.forEach(listener => listener());
}

export function startTheme() {
  apply();
  system.addEventListener('change', apply);
}

export function toggleTheme() {
  const next = isDark() ? 'light' : 'dark';
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Without storage it holds as long as the page is open.
  }
  apply();
}

export function useIsDark(): boolean {
  return useSyncExternalStore(listener => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, isDark);
}
