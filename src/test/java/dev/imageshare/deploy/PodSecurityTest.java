package dev.imageshare.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The check itself: it takes a good pod, and each control refuses what it is there for. */
class PodSecurityTest {

    private static final String GOOD = """
            metadata: {annotations: {a: b}}
            spec:
              POD
              securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}, PODCONTEXT}
              volumes: [{name: tmp, emptyDir: {}}, VOLUME]
              containers:
                - name: a
                  image: b
                  CONTAINER
                  securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], ADD}, CONTEXT}
            """;

    @Test
    void aGoodPodIsTaken() {
        assertThat(PodSecurity.violations(pod("", ""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    POD        | hostNetwork: true                                     | Host Namespaces
                    POD        | hostPID: true                                         | Host Namespaces
                    POD        | hostIPC: true                                         | Host Namespaces
                    VOLUME     | {name: v, hostPath: {path: /}}                        | Volume Types
                    VOLUME     | {name: v, nfs: {server: a, path: /}}                  | Volume Types
                    PODCONTEXT | sysctls: [{name: kernel.msgmax, value: a}]            | Sysctls
                    PODCONTEXT | windowsOptions: {hostProcess: true}                   | HostProcess
                    PODCONTEXT | seLinuxOptions: {type: spc_t}                         | SELinux
                    PODCONTEXT | runAsUser: 0                                          | Running as Non-root user
                    CONTEXT    | runAsUser: 0                                          | Running as Non-root user
                    CONTEXT    | runAsNonRoot: false                                   | Running as Non-root
                    CONTEXT    | seccompProfile: {type: Unconfined}                    | Seccomp
                    CONTEXT    | privileged: true                                      | Privileged Containers
                    CONTEXT    | procMount: Unmasked                                   | /proc Mount Type
                    ADD        | add: [SYS_ADMIN]                                      | Capabilities
                    CONTAINER  | ports: [{containerPort: 80, hostPort: 80}]            | Host Ports
                    CONTAINER  | livenessProbe: {tcpSocket: {host: 10.0.0.1, port: 1}} | Host Probes
                    """)
    void whatAControlIsThereForIsRefused(String where, String what, String control) {
        assertThat(PodSecurity.violations(pod(where, what))).containsExactly(control);
    }

    @Test
    void whatMustBeSetIsMissed() {
        var bare = pod("", "");
        bare.getSpec().setSecurityContext(null);
        bare.getSpec().getContainers().get(0).setSecurityContext(null);
        assertThat(PodSecurity.violations(bare))
                .containsExactlyInAnyOrder("Privilege Escalation", "Capabilities", "Running as Non-root", "Seccomp");
    }

    private static PodTemplateSpec pod(String where, String what) {
        var yaml = GOOD;
        for (var place : new String[] {"PODCONTEXT", "POD", "VOLUME", "CONTAINER", "ADD", "CONTEXT"}) {
            yaml = yaml.replaceFirst("(?<![A-Z])" + place + "(?![A-Z])", place.equals(where) ? what : "");
        }
        return Serialization.unmarshal(yaml, PodTemplateSpec.class);
    }
}
