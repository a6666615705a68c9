/** Whether connections survive what is done to a lab: a checker that knows the truth from both ends. Cold code. */
package io.l4lb.demo.checker;
