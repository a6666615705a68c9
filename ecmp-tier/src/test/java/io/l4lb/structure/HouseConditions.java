package io.l4lb.structure;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What class endings promise (STYLE 11), as ArchUnit conditions. */
final class HouseConditions {
    private HouseConditions() {}

    static ArchCondition<JavaClass> haveOnlyStaticMembers() {
        return condition(
                "have only static members",
                owner -> Stream.concat(owner.getFields().stream(), owner.getMethods().stream())
                        .map(JavaMember::getModifiers)
                        .allMatch(modifiers -> modifiers.contains(JavaModifier.STATIC)));
    }

    /** A method named build that gives something else than the builder itself. */
    static ArchCondition<JavaClass> haveMethodThatBuilds() {
        return condition(
                "have a method build… that returns what is built",
                owner -> owner.getMethods().stream()
                        .anyMatch(method -> method.getName().startsWith("build")
                                && !method.getModifiers().contains(JavaModifier.PRIVATE)
                                && !method.getRawReturnType().isEquivalentTo(void.class)
                                && !method.getRawReturnType().equals(owner)));
    }

    private static ArchCondition<JavaClass> condition(String description, Predicate<JavaClass> holds) {
        return new ArchCondition<>(description) {
            @Override
            public void check(JavaClass owner, ConditionEvents events) {
                if (!holds.test(owner)) {
                    events.add(SimpleConditionEvent.violated(owner, owner.getName() + " should " + description));
                }
            }
        };
    }
}
