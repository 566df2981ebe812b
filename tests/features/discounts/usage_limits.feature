@core @http
Feature: Usage limits of discount codes
  A use is reserved when an order is placed, redeemed when it is paid and released when it is not.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: A single-use code is used by the first order that is placed with it

    @DIS-12
    Scenario: The last use goes to the learner who checks out first
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "ONCE"
      And Ada checks out
      Then the total of Bob's basket is $39.33
      And Bob's basket shows the message "is used up"

    @DIS-13
    Scenario: The learner's own unpaid order does not use up the code for her basket
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      Then the total of Ada's basket is $29.50

  Rule: An order that ends unpaid releases its code

    @DIS-14
    Scenario: A cancelled order releases its code
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      And Ada cancels her order
      And Bob adds "6.86x-1T2027" to his basket
      And Bob enters the code "ONCE"
      Then the total of Bob's basket is $29.50
