/**
 * The hybrid logical clock: timestamps that follow wall time and never go back on one process.
 *
 * <p>They order versions of items, also between regions; they never decide who may write or what
 * may be read (terms and epochs do).
 *
 * <p><b>May import</b> the JDK. <b>Must not</b> import anything else.
 *
 * <p><b>Always true:</b> every timestamp given out is greater than all given out or observed
 * before.
 */
@NullMarked
package io.equator.replication.clock;

import org.jspecify.annotations.NullMarked;
