/**
 * Items and attribute values: as objects, and as the compact bytes in which they travel and are
 * stored.
 *
 * <p><b>May import</b> the JDK, protobuf's {@code ByteString}, and {@code io.equator.model.number}.
 *
 * <p><b>Always true:</b> the bytes of an item are written by {@link
 * io.equator.model.item.ItemEncoder} only, so numbers are canonical, sets sorted and free of
 * duplicates, and no name stands twice in a map. Reading foreign or damaged bytes gives {@link
 * io.equator.model.item.CorruptItemException} and nothing worse.
 *
 * <p><b>Start at</b> {@link io.equator.model.item.AttributeValue}, then {@link
 * io.equator.model.item.EncodedItem}, whose comment has the layout.
 */
@NullMarked
package io.equator.model.item;

import org.jspecify.annotations.NullMarked;
