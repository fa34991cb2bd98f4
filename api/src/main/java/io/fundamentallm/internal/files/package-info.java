/** Files that are either whole or absent: atomic replacement, locks, JSON. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.files;
