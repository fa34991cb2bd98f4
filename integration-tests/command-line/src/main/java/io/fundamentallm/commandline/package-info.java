/**
 * The program {@code fundamentallm}: one class for each command, and what several of them share.
 */
@NullMarked
package io.fundamentallm.commandline;

import org.jspecify.annotations.NullMarked;
