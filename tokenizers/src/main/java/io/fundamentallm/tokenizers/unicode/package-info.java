/** Unicode's properties, of the same version on every JDK, so that ids never change with it. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.unicode;
