/**
 * What plugin authors use: one small provider interface for each kind of part, found through {@link
 * java.util.ServiceLoader}, and the values handed to them.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.spi;
