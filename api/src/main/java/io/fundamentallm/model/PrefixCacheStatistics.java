package io.fundamentallm.model;

import java.util.Optional;

/**
 * What a {@link PrefixCache} did so far, and what it holds. Immutable.
 *
 * @param lookups how often it was asked
 * @param hits how often it had a beginning of what it was asked for
 * @param savedTokens tokens that were not read because of it
 * @param heldTokens tokens in memory, those of shared beginnings once
 * @param heldBytes bytes of keys and values in memory
 * @param restored how many beginnings came from the directory
 * @param written how many were written there
 * @param failures how many files could not be written or read, or were torn or foreign, and how
 *     many beginnings were never written for another reason
 * @param lastFailure what the last of them was
 */
public record PrefixCacheStatistics(
    long lookups,
    long hits,
    long savedTokens,
    long heldTokens,
    long heldBytes,
    long restored,
    long written,
    long failures,
    Optional<String> lastFailure) {}
