// An access key pair for a session: only where the service demands credentials.
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { type ApiError, signIn } from '../api';

export function SignIn({ done }: { done: () => void }) {
  const [key, setKey] = useState('');
  const [secret, setSecret] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setError('');
    try {
      await signIn(key.trim(), secret.trim());
      done();
    } catch (fault) {
      setError((fault as ApiError).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main style={{ maxWidth: 520, margin: '48px auto', padding: '0 16px' }}>
      <form onSubmit={event => { event.preventDefault(); void submit(); }}>
        <Form errorText={error || undefined} actions={<Button variant="primary" loading={isBusy} formAction="submit">Sign in</Button>}>
          <Container header={<Header variant="h1" description="With the pair that your AWS clients use here.">Sign in</Header>}>
            <SpaceBetween size="m">
              <FormField label="Access key ID">
                <Input value={key} onChange={({ detail }) => setKey(detail.value)} autoComplete="username" autoFocus spellcheck={false} />
              </FormField>
              <FormField label="Secret access key">
                <Input value={secret} type="password" onChange={({ detail }) => setSecret(detail.value)} autoComplete="current-password" />
              </FormField>
              <Box variant="small" color="text-body-secondary">
                Whoever runs the service makes a pair: <Box variant="code">trailsight credentials create --name you</Box>. It is sent once, and
                a cookie stands for it for twelve hours.
              </Box>
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </main>
  );
}
