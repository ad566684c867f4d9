import { ArchiveRegular, InfoRegular, KeyMultipleRegular, LockClosedKeyRegular, PersonKeyRegular } from "@fluentui/react-icons";
import { room } from "~/kit/room";
import { vaultType, vaultVersion } from "./api";

const objects = { en: "Objects", ko: "개체" };

export default room({
  kinds: [
    {
      type: vaultType,
      apiVersion: vaultVersion,
      one: { en: "Key vault", ko: "키 자격 증명 모음" },
      many: { en: "Key vaults", ko: "키 자격 증명 모음" },
      icon: LockClosedKeyRegular,
      color: "#b07c0a",
      blurb: { en: "Keeps passwords and other secrets sealed, shows them to who has a role for it, and remembers each version.", ko: "암호와 비밀을 봉인해 보관하고, 권한이 있는 사용자에게만 보여 주며, 버전을 모두 기억합니다." },
      deleted: { en: "The vault is kept with its secrets for its days of retention, and can be recovered until then.", ko: "보존 기간 동안 비밀과 함께 보관되며 그때까지 복구할 수 있습니다." },
      columns: [
        { key: "uri", label: { en: "Vault URI", ko: "자격 증명 모음 URI" }, text: (r) => String(r.properties["vaultUri"] ?? "") },
        { key: "sku", label: { en: "Pricing tier", ko: "가격 책정 계층" }, text: (r) => (r.properties["sku"] as { name?: string } | undefined)?.name ?? "" },
      ],
      blades: [
        { key: "", label: { en: "Overview", ko: "개요" }, icon: InfoRegular, load: () => import("./Overview") },
        { key: "access", label: { en: "Access to secrets", ko: "비밀 액세스" }, icon: PersonKeyRegular, load: () => import("./Access") },
        { key: "secrets", label: { en: "Secrets", ko: "비밀" }, icon: KeyMultipleRegular, section: objects, load: () => import("./Secrets") },
      ],
      create: () => import("./Create"),
    },
  ],
  places: [{ path: "/deleted-vaults", load: () => import("./DeletedVaults"), nav: { label: { en: "Deleted vaults", ko: "삭제된 자격 증명 모음" }, icon: ArchiveRegular, order: 60 } }],
});
