import { words } from "~/kit/words";

/** The words of the form for a container group. */
export const useCreateText = words({
  en: {
    home: "Home", groups: "Container instances", create: "Create container instance", creating: (n: string) => `Create container instance “${n}”`, container: "Container", name: "Container name", image: "Container image",
    imageHint: "registry/repository:tag, or an image of Docker Hub such as nginx", nameInfo: "Lower-case letters, digits and hyphens. It becomes the name of the group and of its container.", os: "OS type", linux: "Linux", windows: "Windows (not on this machine)",
    cpu: "Number of cores", memory: "Memory (GB)", policy: "Restart policy", always: "Always", onFailure: "On failure", never: "Never", networking: "Networking", network: "Networking type", public: "Public", none: "None", label: "DNS name label",
    labelHint: (d: string) => `The group answers at ${d}`, free: "This label is free.", taken: "This label is taken in this region.", ports: "Ports", protocol: "Protocol", addPort: "Add a port", removePort: (p: string) => `Remove port ${p}`, port: "Port",
    advanced: "Advanced", env: "Environment variables", key: "Name", value: "Value", secure: "Mark as secure", addEnv: "Add a variable", removeEnv: (n: string) => `Remove variable ${n}`, command: "Command override", commandHint: "Instead of the image's own command; quotes keep blanks.",
    credentials: "Registry credentials", credentialsHint: "For images that not everybody may pull. Those of a registry of this cloud are filled in from its admin user.", server: "Login server", username: "User name", password: "Password",
    filled: (r: string) => `Filled in from the admin user of “${r}”.`, adminOff: (r: string) => `The admin user of “${r}” is off: turn it on under Access keys, or give another user's credentials.`, filling: "Asking the registry for credentials…",
    badName: "1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.", badLabel: "5 to 63 lower-case letters, digits and hyphens; begins with a letter.", badPort: "Ports are numbers from 1 to 65535, each once.", badNumber: "A number above 0.",
    badEnv: "Names are letters, digits and _ . -, each once, and do not begin with a digit.", imageOfRegistry: "Image of this cloud's registry",
  },
  ko: {
    home: "홈", groups: "컨테이너 인스턴스", create: "컨테이너 인스턴스 만들기", creating: (n: string) => `컨테이너 인스턴스 “${n}” 만들기`, container: "컨테이너", name: "컨테이너 이름", image: "컨테이너 이미지",
    imageHint: "레지스트리/리포지토리:태그, 또는 nginx 같은 Docker Hub 이미지", nameInfo: "영문 소문자, 숫자, 하이픈. 그룹과 컨테이너의 이름이 됩니다.", os: "OS 종류", linux: "Linux", windows: "Windows(이 컴퓨터에서 사용할 수 없음)",
    cpu: "코어 수", memory: "메모리(GB)", policy: "다시 시작 정책", always: "항상", onFailure: "실패 시", never: "안 함", networking: "네트워킹", network: "네트워킹 유형", public: "공용", none: "없음", label: "DNS 이름 레이블",
    labelHint: (d: string) => `그룹 주소: ${d}`, free: "사용할 수 있는 레이블입니다.", taken: "이 지역에서 이미 사용 중인 레이블입니다.", ports: "포트", protocol: "프로토콜", addPort: "포트 추가", removePort: (p: string) => `포트 ${p} 제거`, port: "포트",
    advanced: "고급", env: "환경 변수", key: "이름", value: "값", secure: "보안으로 표시", addEnv: "변수 추가", removeEnv: (n: string) => `변수 ${n} 제거`, command: "명령 재정의", commandHint: "이미지의 명령 대신 실행합니다. 공백은 따옴표로 묶으세요.",
    credentials: "레지스트리 자격 증명", credentialsHint: "누구나 끌어올 수 있는 이미지가 아닐 때 필요합니다. 이 클라우드의 레지스트리라면 관리 사용자에서 자동으로 채워집니다.", server: "로그인 서버", username: "사용자 이름", password: "암호",
    filled: (r: string) => `“${r}”의 관리 사용자에서 채웠습니다.`, adminOff: (r: string) => `“${r}”의 관리 사용자가 꺼져 있습니다. 액세스 키에서 켜거나 다른 사용자의 자격 증명을 입력하세요.`, filling: "레지스트리에서 자격 증명을 가져오는 중…",
    badName: "영문 소문자, 숫자, 하이픈 1~63자. 양 끝은 문자나 숫자여야 합니다.", badLabel: "영문 소문자, 숫자, 하이픈 5~63자. 문자로 시작해야 합니다.", badPort: "포트는 1~65535의 숫자이며 중복될 수 없습니다.", badNumber: "0보다 큰 숫자여야 합니다.",
    badEnv: "이름은 문자, 숫자, _ . - 이며 중복될 수 없고 숫자로 시작할 수 없습니다.", imageOfRegistry: "이 클라우드 레지스트리의 이미지",
  },
});
