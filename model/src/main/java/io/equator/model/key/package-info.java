/**
 * Primary keys: their schema and their bytes.
 *
 * <p><b>May import</b> the JDK, {@code proto} and {@code model.item}. Pure.
 */
@NullMarked
package io.equator.model.key;

import org.jspecify.annotations.NullMarked;
