/** JSON Schemas of Java's types, for answers that become objects. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.jsonschemas;
