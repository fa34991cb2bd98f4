/**
 * What a model is, in any file format: its architecture, the names of its tensors, where its texts
 * end.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.spec;
