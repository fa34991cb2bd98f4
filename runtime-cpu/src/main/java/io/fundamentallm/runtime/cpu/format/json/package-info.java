/** JSON of configuration files. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.json;
