import { words } from "~/kit/words";

export const useRegistryText = words({
  en: {
    home: "Home", registries: "Container registries", loginServer: "Login server", created: "Created", sku: "Pricing plan", usage: "Storage used", usageOf: (a: string, b: string) => `${a} of ${b}`,
    admin: "Admin user", adminHint: "A user name and two passwords of the registry itself, so that one can be replaced while the other is in use. For people and pipelines, roles are better.",
    adminOn: "Admin user is on", adminOff: "Admin user is off", username: "Username", regenerate: "Regenerate", regenerateTitle: (n: string) => `Regenerate ${n}?`,
    regenerateHint: "The old password stops working at once, and so do sign-ins made with it.", turnOn: (n: string) => `Turn the admin user of “${n}” on`, turnOff: (n: string) => `Turn the admin user of “${n}” off`,
    regenerating: (n: string) => `Regenerate ${n}`, registryName: "Registry name", password: (n: string) => (n === "password" ? "password" : n), copyPassword: "Copy password", keysForbidden: "You may see the registry, but not its passwords.",
    repositories: "Repositories", repository: "Repository", noRepositories: "No images yet", pushHint: "Push one: lazuli push, docker push, or az acr import.", tags: "Tags", tag: "Tag", digest: "Digest", manifests: "Manifests",
    updated: "Last updated", tagCount: "Tags", run: "Run instance", deleteTag: "Delete tag", untagTitle: (t: string) => `Delete the tag “${t}”?`, untagHint: "The image itself stays in the registry, by its digest.",
    deleteRepository: "Delete repository", deleteRepositoryHint: "All its tags and images are removed.", copyPull: "Copy pull command", copyDigest: "Copy digest", pull: "Docker pull command", artifact: "Artifact reference",
    platform: "Platform", size: "Size", mediaType: "Manifest type", manifest: "Manifest", quick: "Push your first image", quickHint: "In a shell opened by “lazuli shell” on the cloud's machine:", create: "Create container registry",
    creating: (n: string) => `Create container registry “${n}”`, name: "Registry name", nameInfo: "5 to 50 letters and digits; unique in the cloud, because it becomes a host name.", free: "This name is free.", adminAtStart: "Admin user",
    skuBasic: "10 GiB included", skuStandard: "100 GiB included", skuPremium: "500 GiB included", deletingTag: (t: string) => `Delete tag “${t}”`, deletingRepository: (r: string) => `Delete repository “${r}”`, loginTo: "Log in",
  },
  ko: {
    home: "홈", registries: "컨테이너 레지스트리", loginServer: "로그인 서버", created: "만든 날짜", sku: "가격 계획", usage: "사용한 스토리지", usageOf: (a: string, b: string) => `${b} 중 ${a}`,
    admin: "관리 사용자", adminHint: "레지스트리 자체의 사용자 이름과 암호 두 개입니다. 하나를 사용하는 동안 다른 하나를 바꿀 수 있습니다. 사람과 파이프라인에는 역할을 쓰는 편이 좋습니다.",
    adminOn: "관리 사용자 사용", adminOff: "관리 사용자 사용 안 함", username: "사용자 이름", regenerate: "다시 생성", regenerateTitle: (n: string) => `${n}을(를) 다시 생성할까요?`,
    regenerateHint: "이전 암호와 그 암호로 한 로그인은 즉시 무효가 됩니다.", turnOn: (n: string) => `“${n}”의 관리 사용자 켜기`, turnOff: (n: string) => `“${n}”의 관리 사용자 끄기`,
    regenerating: (n: string) => `${n} 다시 생성`, registryName: "레지스트리 이름", password: (n: string) => (n === "password" ? "password" : n), copyPassword: "암호 복사", keysForbidden: "레지스트리는 볼 수 있지만 암호를 볼 권한이 없습니다.",
    repositories: "리포지토리", repository: "리포지토리", noRepositories: "아직 이미지가 없습니다", pushHint: "lazuli push, docker push 또는 az acr import로 이미지를 올리세요.", tags: "태그", tag: "태그", digest: "다이제스트", manifests: "매니페스트",
    updated: "마지막 업데이트", tagCount: "태그", run: "인스턴스 실행", deleteTag: "태그 삭제", untagTitle: (t: string) => `태그 “${t}”을(를) 삭제할까요?`, untagHint: "이미지는 다이제스트로 레지스트리에 남아 있습니다.",
    deleteRepository: "리포지토리 삭제", deleteRepositoryHint: "모든 태그와 이미지가 제거됩니다.", copyPull: "끌어오기 명령 복사", copyDigest: "다이제스트 복사", pull: "Docker 끌어오기 명령", artifact: "아티팩트 참조",
    platform: "플랫폼", size: "크기", mediaType: "매니페스트 유형", manifest: "매니페스트", quick: "첫 이미지 올리기", quickHint: "클라우드가 실행 중인 컴퓨터에서 “lazuli shell”로 연 셸에서:", create: "컨테이너 레지스트리 만들기",
    creating: (n: string) => `컨테이너 레지스트리 “${n}” 만들기`, name: "레지스트리 이름", nameInfo: "영문자와 숫자 5~50자. 호스트 이름이 되므로 클라우드에서 고유해야 합니다.", free: "사용할 수 있는 이름입니다.", adminAtStart: "관리 사용자",
    skuBasic: "10GiB 포함", skuStandard: "100GiB 포함", skuPremium: "500GiB 포함", deletingTag: (t: string) => `태그 “${t}” 삭제`, deletingRepository: (r: string) => `리포지토리 “${r}” 삭제`, loginTo: "로그인",
  },
});
