/** A storage node in memory and a catalog made by hand, for the tests of the operations. */
@NullMarked
package io.equator.coordinator.fake;

import org.jspecify.annotations.NullMarked;
