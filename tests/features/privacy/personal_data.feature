@core @http @command-line
Feature: Export and erasure of personal data
  Staff export what the shop holds about a person, and erase who it was. The accounts are kept.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: The data export contains the learner's own data only

    @PRI-01
    Scenario: The export contains the learner's orders
      Given Ada bought "6.86x-1T2027"
      And Bob bought "6.86x-1T2027"
      Then Ada's data export contains 1 order

  Rule: Erasure removes the person and keeps the accounts

    @PRI-02
    Scenario: An erased learner can return as a new one
      Given Ada bought "6.86x-1T2027"
      When staff add the note "ada's sister called" to Ada's order
      And staff erase Ada's personal data
      Then Ada's data export contains 0 orders
      And the shop still holds 1 order of $39.33 without any name
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada pays with a valid card
      Then Ada's order is paid
      And Ada's data export contains 1 order

    @PRI-03
    Scenario: A second erasure changes nothing
      Given Ada bought "6.86x-1T2027"
      When staff erase Ada's personal data
      And staff erase Ada's personal data
      Then Ada's data export contains 0 orders
      And no request was refused

  Rule: A person with an open order or a refund under way is not erased

    @PRI-04
    Scenario: Erasure is refused while an order is unpaid
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And staff erase Ada's personal data
      Then staff are refused with the message "is still under way"
      And Ada's data export contains 1 order

    @PRI-05
    Scenario: Erasure is refused while a refund is under way
      Given Ada bought "6.86x-1T2027"
      When staff refund Ada's order
      And staff erase Ada's personal data
      Then staff are refused with the message "a refund of order"
