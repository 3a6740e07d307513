package dev.imageshare.operator;

import dev.imageshare.openstack.CloudSettings;
import dev.imageshare.projectset.ProjectSetReconciler;
import dev.imageshare.reconcile.Backoff;
import dev.imageshare.reconcile.ClockCheck;
import dev.imageshare.reconcile.CloudAccess;
import dev.imageshare.reconcile.EventRecorder;
import dev.imageshare.reconcile.FairScheduler;
import dev.imageshare.reconcile.Leadership;
import dev.imageshare.reconcile.ParallelCalls;
import dev.imageshare.share.ImageShareReconciler;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * What the controllers of optional kinds share: one of each per process.
 *
 * @param receivers where Secrets may point
 * @param sets the ProjectSets, once their controller was created; empty where the kind isn't served
 * @param started whether the caches of all kinds are complete
 */
record Wiring(
        KubernetesClient client,
        CloudAccess clouds,
        EventRecorder events,
        ParallelCalls parallel,
        FairScheduler turns,
        Leadership lead,
        Clock clock,
        ClockCheck time,
        Backoff backoff,
        ImageShareReconciler shares,
        Settings settings,
        CloudSettings receivers,
        AtomicReference<ProjectSetReconciler> sets,
        BooleanSupplier started) {}
