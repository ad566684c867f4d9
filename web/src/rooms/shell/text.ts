import { words } from "~/kit/words";

export const useConsoleText = words({
  en: {
    title: "Cloud Shell", requesting: "Requesting a Cloud Shell…", connecting: "Connecting the terminal…", open: "Connected", exited: "The shell was left.", ended: "The Cloud Shell has ended.", lost: "The connection was lost.", failed: "Cloud Shell could not be opened",
    reconnect: "Reconnect", restart: "Restart Cloud Shell", restartTitle: "Restart Cloud Shell?", restartHint: "Everything that runs in it ends. The files in your home directory are kept.", restartNow: "Restart",
    maximise: "Maximise", restore: "Restore size", minimise: "Minimise", close: "Close Cloud Shell", font: "Font size", small: "Small", medium: "Medium", large: "Large",
    resize: "Height of Cloud Shell", terminal: "Terminal of Cloud Shell. F6 leaves it.", keys: "F6 leaves the terminal · Ctrl+Shift+C and V copy and paste",
  },
  ko: {
    title: "Cloud Shell", requesting: "Cloud Shell을 요청하는 중…", connecting: "터미널에 연결하는 중…", open: "연결됨", exited: "셸이 종료되었습니다.", ended: "Cloud Shell이 종료되었습니다.", lost: "연결이 끊어졌습니다.", failed: "Cloud Shell을 열지 못했습니다",
    reconnect: "다시 연결", restart: "Cloud Shell 다시 시작", restartTitle: "Cloud Shell을 다시 시작할까요?", restartHint: "실행 중인 모든 작업이 종료됩니다. 홈 디렉터리의 파일은 유지됩니다.", restartNow: "다시 시작",
    maximise: "최대화", restore: "이전 크기로", minimise: "최소화", close: "Cloud Shell 닫기", font: "글꼴 크기", small: "작게", medium: "보통", large: "크게",
    resize: "Cloud Shell 높이", terminal: "Cloud Shell 터미널. F6 키로 나갑니다.", keys: "F6: 터미널에서 나가기 · Ctrl+Shift+C, V: 복사, 붙여넣기",
  },
});
