/** Curves of a training, drawn as SVG. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.report;
