/**
 * What a model directory says about its model besides the weights, read the same way for all
 * runtimes.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.directory;
