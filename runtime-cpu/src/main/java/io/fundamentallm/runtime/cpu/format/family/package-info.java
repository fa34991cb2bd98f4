/** The families of models, one description for each. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.family;
