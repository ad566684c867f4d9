/** Microsoft.ContainerInstance, in Azure's schema names. */

export interface Event {
  count: number;
  firstTimestamp: string;
  lastTimestamp: string;
  name: string;
  message: string;
  type: string;
}

export interface ContainerState {
  state: string;
  startTime?: string;
  exitCode?: number;
  finishTime?: string;
  detailStatus: string;
}

export interface Container {
  name: string;
  properties: {
    image: string;
    command?: string[];
    ports?: { port: number; protocol?: string }[];
    environmentVariables?: { name: string; value?: string; secureValue?: string }[];
    instanceView?: { restartCount: number; currentState?: ContainerState; previousState?: ContainerState; events: Event[] };
    resources?: { requests?: { memoryInGB: number; cpu: number }; limits?: { memoryInGB?: number; cpu?: number } };
    volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  };
}

export interface ContainerGroupProperties {
  containers: Container[];
  initContainers?: Container[];
  imageRegistryCredentials?: { server: string; username?: string; password?: string; identity?: string }[];
  restartPolicy?: "Always" | "OnFailure" | "Never";
  osType?: string;
  sku?: string;
  ipAddress?: { type: string; ip?: string; fqdn?: string; dnsNameLabel?: string; ports: { port: number; protocol?: string }[] };
  volumes?: { name: string }[];
  instanceView?: { state: string; events: Event[] };
  provisioningState?: string;
}
