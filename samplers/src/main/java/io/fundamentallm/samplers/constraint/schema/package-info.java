/** JSON Schema as a grammar. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.constraint.schema;
