/**
 * {@code equator admin}: what an operator asks of a cluster or of its files.
 *
 * <p><b>May import</b> everything that {@code server} may.
 */
@NullMarked
package io.equator.server.admin;

import org.jspecify.annotations.NullMarked;
