/** The kinds of group {@code imageshare.dev}, version {@code v1alpha1}: data only, as the CRDs in {@code crds/} declare it. */
@NullMarked
package dev.imageshare.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
