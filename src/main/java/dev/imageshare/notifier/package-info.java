/**
 * ImageNotifier: tells projects, and the owners of images, what happens to the ImageShares of a namespace.
 *
 * <p>A pass looks at the shares' statuses ({@code SharedImage}), and how far that goes beyond what its own status remembers
 * ({@code Journal}, which says how much of it was told to whom); what lies between are {@code Notices}. The {@code Outbox}
 * chooses the next message, a {@code Deliveries} thread hands it to a {@code Receiver}, and the next pass writes down that it
 * was taken. So a kill loses nothing that follows from the statuses, and at most the last message is sent once more.
 */
@NullMarked
package dev.imageshare.notifier;

import org.jspecify.annotations.NullMarked;
