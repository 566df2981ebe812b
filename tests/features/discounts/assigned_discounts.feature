@core @http
Feature: Assigned discounts
  A discount can be assigned to a learner, who does not need to enter a code.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: An assigned discount applies without a code

    @DIS-11
    Scenario: The learner's own discount applies at once
      Given the discount "BOB-7" of 50 percent is assigned to Bob
      When Bob adds "6.86x-1T2027" to his basket
      Then the total of Bob's basket is $19.66
