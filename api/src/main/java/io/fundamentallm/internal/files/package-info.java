/** Files that are whole or not there: atomic replacement, locks, JSON. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.files;
