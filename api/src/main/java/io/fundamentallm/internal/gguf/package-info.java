/** The header and the keys of a GGUF file, for every module that reads one. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.gguf;
