package dev.imageshare.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * The Pod Security Standard {@code restricted}, with {@code baseline}, which it includes, for pods of Linux.
 *
 * @see <a href="https://kubernetes.io/docs/concepts/security/pod-security-standards/">Pod Security Standards</a>
 */
final class PodSecurity {

    private static final Set<String> VOLUMES = Set.of(
            "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret");
    private static final Set<String> SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_local_reserved_ports",
            "net.ipv4.tcp_keepalive_time",
            "net.ipv4.tcp_fin_timeout",
            "net.ipv4.tcp_keepalive_intvl",
            "net.ipv4.tcp_keepalive_probes");
    private static final Set<String> SELINUX_TYPES =
            Set.of("container_t", "container_init_t", "container_kvm_t", "container_engine_t");

    private final List<String> violations = new ArrayList<>();

    private PodSecurity() {}

    /** What the standard refuses of this pod, by the standard's own names of the controls; nothing if it takes it. */
    static List<String> violations(PodTemplateSpec template) {
        var check = new PodSecurity();
        var annotations = template.getMetadata().getAnnotations();
        if (annotations != null) {
            annotations.forEach((name, value) -> check.require(
                    "AppArmor",
                    !name.startsWith("container.apparmor.security.beta.kubernetes.io/")
                            || value.equals("runtime/default")
                            || value.startsWith("localhost/")));
        }
        check.pod(template.getSpec());
        return check.violations;
    }

    private void require(String control, boolean holds) {
        if (!holds && !violations.contains(control)) {
            violations.add(control);
        }
    }

    private void pod(PodSpec pod) {
        require(
                "Host Namespaces",
                !isTrue(pod.getHostNetwork()) && !isTrue(pod.getHostPID()) && !isTrue(pod.getHostIPC()));
        for (var volume : pod.getVolumes()) {
            require("Volume Types", VOLUMES.containsAll(types(volume)));
        }
        var context = pod.getSecurityContext() == null ? new PodSecurityContext() : pod.getSecurityContext();
        for (var sysctl : context.getSysctls()) {
            require("Sysctls", SYSCTLS.contains(sysctl.getName()));
        }
        require("HostProcess", context.getWindowsOptions() == null);
        require(
                "SELinux",
                context.getSeLinuxOptions() == null
                        || context.getSeLinuxOptions().getType() == null
                                && context.getSeLinuxOptions().getUser() == null
                                && context.getSeLinuxOptions().getRole() == null
                        || SELINUX_TYPES.contains(context.getSeLinuxOptions().getType()));
        require("AppArmor", context.getAppArmorProfile() == null);
        require("Running as Non-root user", context.getRunAsUser() == null || context.getRunAsUser() != 0);
        require("Seccomp", context.getSeccompProfile() == null || isConfined(context.getSeccompProfile()));
        var containers = new ArrayList<>(pod.getContainers());
        containers.addAll(pod.getInitContainers());
        require("Ephemeral Containers", pod.getEphemeralContainers().isEmpty());
        containers.forEach(container -> container(container, context));
    }

    private void container(Container container, PodSecurityContext pod) {
        var context = container.getSecurityContext() == null ? new SecurityContext() : container.getSecurityContext();
        require("HostProcess", context.getWindowsOptions() == null);
        require("Privileged Containers", !isTrue(context.getPrivileged()));
        require("Privilege Escalation", Boolean.FALSE.equals(context.getAllowPrivilegeEscalation()));
        require("SELinux", context.getSeLinuxOptions() == null);
        require("AppArmor", context.getAppArmorProfile() == null);
        require(
                "/proc Mount Type",
                context.getProcMount() == null || context.getProcMount().equals("Default"));
        for (var port : container.getPorts()) {
            require("Host Ports", port.getHostPort() == null || port.getHostPort() == 0);
        }
        var probes = new ArrayList<Probe>();
        probes.add(container.getLivenessProbe());
        probes.add(container.getReadinessProbe());
        probes.add(container.getStartupProbe());
        probes.removeIf(Objects::isNull);
        for (var probe : probes) {
            require(
                    "Host Probes",
                    (probe.getHttpGet() == null || probe.getHttpGet().getHost() == null)
                            && (probe.getTcpSocket() == null
                                    || probe.getTcpSocket().getHost() == null));
        }
        var capabilities = context.getCapabilities() == null ? new Capabilities() : context.getCapabilities();
        require(
                "Capabilities",
                capabilities.getDrop().contains("ALL")
                        && Set.of("NET_BIND_SERVICE").containsAll(capabilities.getAdd()));
        require(
                "Running as Non-root",
                isTrue(either(context, SecurityContext::getRunAsNonRoot, pod, PodSecurityContext::getRunAsNonRoot)));
        require("Running as Non-root user", context.getRunAsUser() == null || context.getRunAsUser() != 0);
        var seccomp = either(context, SecurityContext::getSeccompProfile, pod, PodSecurityContext::getSeccompProfile);
        require("Seccomp", seccomp != null && isConfined(seccomp));
    }

    private static <T> T either(
            SecurityContext container,
            Function<SecurityContext, T> ofContainer,
            PodSecurityContext pod,
            Function<PodSecurityContext, T> ofPod) {
        var own = ofContainer.apply(container);
        return own == null ? ofPod.apply(pod) : own;
    }

    private static boolean isConfined(SeccompProfile profile) {
        return Set.of("RuntimeDefault", "Localhost").contains(String.valueOf(profile.getType()));
    }

    private static boolean isTrue(Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    /** The types that a volume has, by the names of its fields. */
    private static Set<String> types(Volume volume) {
        var fields = new HashSet<String>();
        new ObjectMapper().valueToTree(volume).fieldNames().forEachRemaining(fields::add);
        fields.remove("name");
        return fields;
    }
}
