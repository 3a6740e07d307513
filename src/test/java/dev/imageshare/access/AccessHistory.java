package dev.imageshare.access;

import dev.imageshare.api.v1alpha1.CloudCredentialsRef;
import dev.imageshare.api.v1alpha1.ImageAccessDecision;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.DecisionType;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.LocalSetReference;
import dev.imageshare.api.v1alpha1.ImageAccessDecisionSpec.RequestReference;
import dev.imageshare.api.v1alpha1.ImageAccessRequest;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec;
import dev.imageshare.api.v1alpha1.ImageAccessRequestSpec.ProjectSetAddress;
import dev.imageshare.api.v1alpha1.ProjectSet;
import dev.imageshare.openstack.ProvenProject;
import dev.imageshare.projectset.Applications;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Requests and decisions about one set as they come and go, and what a process has seen proven. */
public final class AccessHistory {

    private final Map<String, ImageAccessRequest> requests = new TreeMap<>();
    private final List<ImageAccessDecision> decisions = new ArrayList<>();
    private final Map<String, ProvenProject> proofs = new HashMap<>();
    private int made;

    /** A request of this name, in a namespace of that name. */
    public void ask(ProjectSet set, String name, String duration, Instant now) {
        var request = new ImageAccessRequest();
        request.getMetadata().setNamespace(name);
        request.getMetadata().setName(name);
        request.getMetadata().setUid("uid-" + made++);
        request.getMetadata().setGeneration(1L);
        request.getMetadata().setCreationTimestamp(now.toString());
        request.setSpec(new ImageAccessRequestSpec(
                new ProjectSetAddress(
                        set.getMetadata().getNamespace(), set.getMetadata().getName()),
                new CloudCredentialsRef("clouds", "cloud"),
                null,
                duration));
        requests.put(name, request);
    }

    public boolean isAsked(String name) {
        return requests.containsKey(name);
    }

    public Instant askedAt(String name) {
        return AccessVerdict.created(requests.get(name));
    }

    public String duration(String name) {
        return requests.get(name).getSpec().duration();
    }

    public void withdraw(String name) {
        var request = requests.remove(name);
        if (request != null) {
            proofs.remove(request.getMetadata().getUid());
        }
    }

    /** This process sees that the request is of this project. */
    public void prove(String name, String project) {
        proofs.put(
                requests.get(name).getMetadata().getUid(),
                new ProvenProject(project, null, "https://keystone.example.com:5000"));
    }

    /** The process ends, and another starts. */
    public void restart() {
        proofs.clear();
    }

    public boolean isProven(String name, String project) {
        var proof = isAsked(name) ? proofs.get(requests.get(name).getMetadata().getUid()) : null;
        return proof != null && proof.id().equals(project);
    }

    public void decide(ProjectSet set, String name, boolean approved, String project, String expiresAt, Instant now) {
        var decision = new ImageAccessDecision();
        decision.getMetadata().setNamespace(set.getMetadata().getNamespace());
        decision.getMetadata().setName("decision-" + made++);
        decision.getMetadata().setCreationTimestamp(now.toString());
        decision.setSpec(new ImageAccessDecisionSpec(
                new RequestReference(name, name, null),
                new LocalSetReference(set.getMetadata().getName()),
                project,
                approved ? DecisionType.Approved : DecisionType.Denied,
                expiresAt,
                null));
        decisions.add(decision);
    }

    public List<ImageAccessDecision> decisions() {
        return decisions;
    }

    /** What the set sees of it. */
    public Applications applications(ProjectSet set, Instant now) {
        return AskedRequest.of(
                set,
                requests.values().stream()
                        .map(request -> new AskedRequest(
                                request,
                                Admission.of(
                                        set.getSpec().requests(),
                                        request.getMetadata().getNamespace(),
                                        Map.of()),
                                decisions.stream()
                                        .filter(decision -> AccessVerdict.isAbout(decision, request))
                                        .toList(),
                                proof(set, request),
                                true))
                        .toList(),
                now);
    }

    private ProvenRequest proof(ProjectSet set, ImageAccessRequest request) {
        var proven = proofs.get(request.getMetadata().getUid());
        return proven == null
                ? null
                : new ProvenRequest(
                        proven, set.getMetadata().getUid(), set.getSpec().cloudCredentialsRef());
    }
}
