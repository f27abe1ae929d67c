package io.equator.model.key;

import java.util.Optional;

/**
 * A table's primary key.
 *
 * @param partition the HASH attribute
 * @param sort the RANGE attribute, if the table has one
 */
public record KeySchema(KeyAttribute partition, Optional<KeyAttribute> sort) {}
