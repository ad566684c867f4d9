import { words } from "~/kit/words";

export const useContainerText = words({
  en: {
    home: "Home", groups: "Container instances", state: "State", os: "OS type", ip: "IP address", fqdn: "FQDN", containers: "Containers", policy: "Restart policy", ports: "Ports", opens: "opens in a new tab",
    start: "Start", stop: "Stop", restart: "Restart", starting: (n: string) => `Start container group “${n}”`, stopping: (n: string) => `Stop container group “${n}”`, restarting: (n: string) => `Restart container group “${n}”`,
    stopTitle: (n: string) => `Stop “${n}”?`, stopHint: "Its containers end. They keep their name and address, and can be started again.", restartTitle: (n: string) => `Restart “${n}”?`, restartHint: "Its containers end and are started anew.",
    events: "Events", event: "Name", message: "Message", type: "Type", count: "Count", first: "First seen", last: "Last seen", noEvents: "No events yet",
    image: "Image", previous: "Previous state", started: "Started", restarts: "Restarts", properties: "Properties", logs: "Logs", connect: "Connect", command: "Command", resources: "CPU and memory", size: (c: number, m: number) => `${c} CPU, ${m} GB`,
    env: "Environment variables", hidden: "(hidden)", exit: "Exit code", noLog: "The log is empty", follow: "Follow", lines: "Lines", wrap: "Wrap lines", download: "Download", logOf: (n: string) => `Log of ${n}`,
    connectHint: "Opens a shell in the container. Choose one that the image has.", shell: "Start-up command", connectNow: "Connect", disconnect: "Disconnect", consoleOf: (n: string) => `Console of ${n}`, ended: "The session has ended.", lost: "The connection was lost.",
    other: "Another command", value: "Value",
  },
  ko: {
    home: "홈", groups: "컨테이너 인스턴스", state: "상태", os: "OS 종류", ip: "IP 주소", fqdn: "FQDN", containers: "컨테이너", policy: "다시 시작 정책", ports: "포트", opens: "새 탭에서 열림",
    start: "시작", stop: "중지", restart: "다시 시작", starting: (n: string) => `컨테이너 그룹 “${n}” 시작`, stopping: (n: string) => `컨테이너 그룹 “${n}” 중지`, restarting: (n: string) => `컨테이너 그룹 “${n}” 다시 시작`,
    stopTitle: (n: string) => `“${n}”을(를) 중지할까요?`, stopHint: "컨테이너가 종료됩니다. 이름과 주소는 유지되며 다시 시작할 수 있습니다.", restartTitle: (n: string) => `“${n}”을(를) 다시 시작할까요?`, restartHint: "컨테이너가 종료된 뒤 새로 시작됩니다.",
    events: "이벤트", event: "이름", message: "메시지", type: "유형", count: "횟수", first: "첫 발생", last: "마지막 발생", noEvents: "아직 이벤트가 없습니다",
    image: "이미지", previous: "이전 상태", started: "시작 시간", restarts: "다시 시작 횟수", properties: "속성", logs: "로그", connect: "연결", command: "명령", resources: "CPU 및 메모리", size: (c: number, m: number) => `CPU ${c}개, ${m}GB`,
    env: "환경 변수", hidden: "(숨김)", exit: "종료 코드", noLog: "로그가 비어 있습니다", follow: "실시간", lines: "줄 수", wrap: "줄 바꿈", download: "다운로드", logOf: (n: string) => `${n}의 로그`,
    connectHint: "컨테이너 안에서 셸을 엽니다. 이미지에 있는 셸을 선택하세요.", shell: "시작 명령", connectNow: "연결", disconnect: "연결 끊기", consoleOf: (n: string) => `${n}의 콘솔`, ended: "세션이 끝났습니다.", lost: "연결이 끊어졌습니다.",
    other: "다른 명령", value: "값",
  },
});
