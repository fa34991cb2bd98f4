/** Models around a model: calls of many threads joined into one pass, sharing, guidance. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.batching;
