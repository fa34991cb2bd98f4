/** Reads files of text, line by line and document by document. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.corpus;
