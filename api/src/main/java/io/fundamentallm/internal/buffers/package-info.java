/** Growing buffers. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.buffers;
