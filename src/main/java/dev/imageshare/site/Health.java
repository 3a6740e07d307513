package dev.imageshare.site;

import dev.imageshare.api.v1alpha1.Condition;
import dev.imageshare.reconcile.Conditions;
import dev.imageshare.reconcile.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an object is, in the words of its conditions; the gravest first. */
public enum Health {
    needsPerson("needs a person"),
    trying("trying again"),
    notLookedAt("not looked at yet"),
    suspended("suspended"),
    inOrder("in order");

    private final String label;

    Health(String label) {
        this.label = label;
    }

    /** For people. */
    public String label() {
        return label;
    }

    /** What so many objects are. */
    public String label(int objects) {
        return this == needsPerson && objects > 1 ? "need a person" : label;
    }

    /**
     * @param observed the generation that the conditions are about; null if there are none
     * @param generation the object's
     */
    static Health of(@Nullable List<Condition> conditions, @Nullable Long observed, @Nullable Long generation) {
        var ready = Conditions.find(conditions, Conditions.READY);
        if (ready.isEmpty() || (observed != null && generation != null && observed < generation)) {
            return notLookedAt;
        }
        if (isTrue(conditions, Conditions.STALLED)) {
            return needsPerson;
        }
        if (ready.get().reason().equals(Reason.Suspended.name())) {
            return suspended;
        }
        return ready.get().status() == Condition.Status.True ? inOrder : trying;
    }

    private static boolean isTrue(@Nullable List<Condition> conditions, String type) {
        return Conditions.find(conditions, type)
                .filter(condition -> condition.status() == Condition.Status.True)
                .isPresent();
    }
}
