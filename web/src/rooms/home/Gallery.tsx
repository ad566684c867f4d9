import { Button, Card, CardHeader, makeStyles, Text, tokens } from "@fluentui/react-components";
import { useNavigate } from "react-router";
import { Page } from "~/kit/Page";
import { kinds } from "~/kit/room";
import { useKitText } from "~/kit/text";
import { useLocal } from "~/kit/words";
import { useHomeText } from "./text";

const useStyles = makeStyles({
  hint: { color: tokens.colorNeutralForeground3, display: "block", marginBottom: "16px" },
  grid: { display: "grid", gridTemplateColumns: "repeat(auto-fill, minmax(280px, 1fr))", gap: "14px", maxWidth: "1100px" },
  icon: { fontSize: "36px", display: "flex" },
  blurb: { color: tokens.colorNeutralForeground2, minHeight: "40px" },
});

/** What can be made. */
export default function Gallery() {
  const s = useStyles();
  const text = useHomeText();
  const kit = useKitText();
  const local = useLocal();
  const navigate = useNavigate();
  return (
    <Page title={text.gallery} crumbs={[{ label: text.title, to: "/" }]}>
      <Text className={s.hint}>{text.galleryHint}</Text>
      <div className={s.grid}>
        {kinds().filter((k) => k.create).map((k) => (
          <Card key={k.type} role="group" aria-label={local(k.one)}>
            <CardHeader image={<span className={s.icon} style={{ color: k.color }} aria-hidden><k.icon /></span>} header={<Text weight="semibold">{local(k.one)}</Text>} description={<Text size={200}>{k.type}</Text>} />
            <Text className={s.blurb}>{k.blurb ? local(k.blurb) : ""}</Text>
            <div><Button aria-label={text.make(local(k.one))} onClick={() => void navigate("/create/" + k.type)}>{kit.create}</Button></div>
          </Card>
        ))}
      </div>
    </Page>
  );
}
