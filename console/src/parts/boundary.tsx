// A page that breaks says so, and the rest of the console goes on.
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { Component, type ReactNode } from 'react';

export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state = { error: null as Error | null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Alert type="error" header="This page broke" action={<Button onClick={() => window.location.reload()}>Load it again</Button>}>
        That is a fault of the console, or its files are of another version than the service by now. What it said: {error.message}
      </Alert>
    );
  }
}
