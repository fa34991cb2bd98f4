/** Regular expressions over code points. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint.regex;
