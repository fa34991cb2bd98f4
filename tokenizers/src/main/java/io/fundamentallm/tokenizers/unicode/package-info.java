/** Unicode's properties, of one version whatever the JDK, so that ids never change with it. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.unicode;
