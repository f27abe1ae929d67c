/**
 * Tests of statements: their texts, their values, what they say of keys, and damage to all of it.
 */
@NullMarked
package io.equator.model.partiql;

import org.jspecify.annotations.NullMarked;
