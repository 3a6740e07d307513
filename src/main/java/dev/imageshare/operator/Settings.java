package dev.imageshare.operator;

import dev.imageshare.notifier.NotifierSettings;
import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.openstack.SameClouds;
import dev.imageshare.share.ShareSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * What an administrator configures.
 *
 * @param namespaces the namespaces to watch; empty for all
 * @param threads concurrent passes, 1 or more
 * @param threadsPerCloud how many of these may use one cloud: fewer, so that a cloud that hangs leaves some for others
 * @param threadsPerNamespace how many of these may be for objects in one namespace
 * @param clouds limits and time-outs of calls to OpenStack
 * @param shares settings of all ImageShares
 * @param notifiers settings of all ImageNotifiers
 * @param sameClouds which Keystones belong to one cloud
 * @param secretFinalizers whether Secrets in use get a finalizer, which needs permission to patch Secrets
 * @param leaderElection how replicas elect a leader; empty for a single replica
 * @param shutdownGrace how long passes in flight may take to finish when the process is asked to stop
 * @param managementAddress the address of probes and metrics
 * @param managementPort their port; 0 for any, -1 for none
 */
public record Settings(
        Set<String> namespaces,
        int threads,
        int threadsPerCloud,
        int threadsPerNamespace,
        CloudSettings clouds,
        ShareSettings shares,
        NotifierSettings notifiers,
        SameClouds sameClouds,
        boolean secretFinalizers,
        Optional<LeaderElection> leaderElection,
        Duration shutdownGrace,
        String managementAddress,
        int managementPort) {

    /**
     * A Lease that one of the replicas holds.
     *
     * @param namespace the Lease's namespace
     * @param name the Lease's name
     * @param identity this replica's name, unique among them
     */
    public record LeaderElection(String namespace, String name, String identity) {

        /**
         * With a unique name for this process: host names and PIDs can be equal, in containers for example, and a
         * replica that finds its own name in the Lease considers itself the leader.
         */
        public static LeaderElection ofThisProcess(String namespace, String name) {
            return new LeaderElection(namespace, name, hostName() + "_" + UUID.randomUUID());
        }

        private static String hostName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                return "imageshare-operator";
            }
        }
    }

    /** All namespaces, one replica, no management server: the default of tests. */
    public static Settings defaults() {
        return new Settings(
                Set.of(),
                20,
                5,
                10,
                CloudSettings.defaults(),
                ShareSettings.defaults(),
                NotifierSettings.defaults(),
                SameClouds.none(),
                true,
                Optional.empty(),
                Duration.ofSeconds(25),
                "127.0.0.1",
                -1);
    }

    /** How many threads may use the clouds (regions, interfaces) of one Keystone: half, or as many as one cloud. */
    public int threadsPerKeystone() {
        return Math.max(threadsPerCloud, threads / 2);
    }

    public Settings withNamespaces(Set<String> to) {
        return new Settings(
                Set.copyOf(to),
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                clouds,
                shares,
                notifiers,
                sameClouds,
                secretFinalizers,
                leaderElection,
                shutdownGrace,
                managementAddress,
                managementPort);
    }

    public Settings withClouds(CloudSettings to) {
        return new Settings(
                namespaces,
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                to,
                shares,
                notifiers,
                sameClouds,
                secretFinalizers,
                leaderElection,
                shutdownGrace,
                managementAddress,
                managementPort);
    }

    public Settings withManagement(String address, int port) {
        return new Settings(
                namespaces,
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                clouds,
                shares,
                notifiers,
                sameClouds,
                secretFinalizers,
                leaderElection,
                shutdownGrace,
                address,
                port);
    }

    public Settings withShutdownGrace(Duration to) {
        return new Settings(
                namespaces,
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                clouds,
                shares,
                notifiers,
                sameClouds,
                secretFinalizers,
                leaderElection,
                to,
                managementAddress,
                managementPort);
    }

    public Settings withLeaderElection(LeaderElection to) {
        return new Settings(
                namespaces,
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                clouds,
                shares,
                notifiers,
                sameClouds,
                secretFinalizers,
                Optional.of(to),
                shutdownGrace,
                managementAddress,
                managementPort);
    }

    public Settings withNotifiers(NotifierSettings to) {
        return new Settings(
                namespaces,
                threads,
                threadsPerCloud,
                threadsPerNamespace,
                clouds,
                shares,
                to,
                sameClouds,
                secretFinalizers,
                leaderElection,
                shutdownGrace,
                managementAddress,
                managementPort);
    }
}
