import { Button, makeStyles, Text, Title2 } from "@fluentui/react-components";
import { preferred } from "~/kit/words";
import { signIn } from "~/wire/session";

const useStyles = makeStyles({
  middle: { display: "flex", flexDirection: "column", gap: "16px", alignItems: "center", justifyContent: "center", height: "100vh", padding: "24px", textAlign: "center" },
});

const text = { en: { title: "Signing in did not work", again: "Sign in again" }, ko: { title: "로그인하지 못했습니다", again: "다시 로그인" } };

/** What the login said, and the way back to it. */
export function Refused({ message }: { message: string }) {
  const s = useStyles();
  const t = text[preferred(navigator.languages)];
  return (
    <main className={s.middle}>
      <Title2 as="h1">{t.title}</Title2>
      <Text>{message}</Text>
      <Button appearance="primary" onClick={() => void signIn("login", "/")}>{t.again}</Button>
    </main>
  );
}
