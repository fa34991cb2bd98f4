/** Arithmetic on rows of logits. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.numerics;
