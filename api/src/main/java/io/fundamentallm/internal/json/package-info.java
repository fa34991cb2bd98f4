/** The only reader of JSON trees: configuration files, headers, lines of a corpus. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.json;
