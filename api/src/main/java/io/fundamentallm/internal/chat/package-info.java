/** How published models write their thinking and their calls of tools. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.chat;
